// The one dependency without types of its own, as far as progress.mjs uses it.

declare module 'cli-progress' {
  interface Options {
    format: string;
    stream: NodeJS.WritableStream;
    etaBuffer: number;
  }

  class SingleBar {
    constructor(options: Options);
    start(total: number, value: number, payload: Record<string, string>): void;
    update(payload: Record<string, string>): void;
    increment(): void;
    stop(): void;
  }

  const cliProgress: { SingleBar: typeof SingleBar };
  export default cliProgress;
}
