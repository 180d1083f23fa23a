// The contract inside of workerd: a Worker that plays one case for each request, and a Durable Object that holds a connection.

import * as wsimd from 'wsimd';
import * as framing from 'wsimd/framing';
import * as web from 'wsimd/web';
import { playOne } from './play';
import type { Place } from './stage';

/** What a Worker uses of the types of its platform. */
interface Environment {
  readonly HOLDER: {
    idFromName(name: string | null): unknown;
    get(id: unknown): { fetch(request: Request): Promise<Response> };
  };
}

export default {
  async fetch(request: Request, env: Environment): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/case') {
      const { name, ...place } = (await request.json()) as Place & { readonly name: string };
      return Response.json(await playOne(name, place, { wsimd, web, framing }));
    }
    const holder = env.HOLDER.get(env.HOLDER.idFromName(searchParams.get('holder')));
    return holder.fetch(request);
  },
};

/** Holds a connection over many requests: its messages wait here until somebody asks, and it comes back when it is lost. */
export class Holder {
  private readonly messages: unknown[] = [];
  private readonly waiting: ((message: unknown) => void)[] = [];
  private connection!: wsimd.AsyncTcpConnection;

  async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/hold') {
      this.connection = new wsimd.AsyncTcpConnection(searchParams.get('url')!);
      this.connection.reconnectPolicy = { minDelay: 0.05, maxDelay: 0.2 };
      this.connection.onMessage = (_, data) => this.told(data);
      this.connection.onClose = (_, { willReconnect }) => this.told(willReconnect ? 'lost, comes back' : 'closed');
      this.connection.connect();
    } else if (pathname === '/send') {
      this.connection.send(searchParams.get('text')!);
    } else if (pathname === '/close') {
      this.connection.close(1000);
    }
    return Response.json(await this.next());
  }

  private told(message: unknown): void {
    const first = this.waiting.shift();
    if (first === undefined) this.messages.push(message);
    else first(message);
  }

  /** The next message, now or later. */
  private next(): unknown {
    if (this.messages.length > 0) return this.messages.shift();
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
