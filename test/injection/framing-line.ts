// A decoder and an encoder of `wsimd/framing`, as a line.

import type { Library } from './library';
import { Line, type LineOptions } from './lines';
import type { Message } from './messages';
import { FeedPipe, nameOf } from './pipes';

/** A decoder and an encoder of `wsimd/framing`, and nothing else. */
export class FramingLine extends Line {
  readonly pipe: FeedPipe;
  private readonly decoder: InstanceType<Library['framing']['Decoder']>;
  private readonly encoder: InstanceType<Library['framing']['Encoder']>;

  constructor({ framing }: Library, name: string, options: LineOptions & { readonly more?: object }) {
    super(name, options);
    const { compression, calls } = options;
    const agreed = { noContextTakeover: compression === 'alone' };
    const perMessageDeflate = compression === 'none' ? false : agreed;
    this.encoder = new framing.Encoder({ role: 'client', perMessageDeflate });
    this.decoder = new framing.Decoder({
      role: 'client',
      perMessageDeflate,
      onMessage: (data, isBinary) => this.messageTold(data, isBinary),
      ...options.more,
      onPing: () => this.calls?.out('callback'),
      onError: (error) => {
        this.errors.push(nameOf(error));
        this.drop();
        this.calls?.out('callback');
      },
    });
    this.pipe = new FeedPipe({ compression, calls, toServer: this.toServer }, (bytes) => this.feed(bytes));
    this.isOpen = true;
  }

  override open(): void {
    this.calls?.out('callback');
  }

  override close(): void {
    this.destroy();
  }

  protected override pass({ bytes, isBinary }: Message): void {
    this.pipe.peer.take(isBinary ? this.encoder.binary(bytes) : this.encoder.text(bytes.toString()));
  }

  protected override drop(): void {
    this.pipe.close();
    this.decoder.close();
    this.encoder.dispose();
    this.closes = 1;
  }

  /** "If handlers throw, [...] `feed` throws what the first of them threw": here it is what was injected, or it is wrong. */
  private feed(bytes: Uint8Array): void {
    try {
      this.decoder.feed(bytes);
    } catch (error) {
      const { calls } = this;
      if (calls?.isThrown(error) !== true) this.complaints.push(`${this.name}: feed threw ${nameOf(error)}`);
      // It is no handler's: so a message is lost, and this says it.
      else if (calls.actedIn.includes('allocation')) this.errors.push(nameOf(error));
    }
  }
}
