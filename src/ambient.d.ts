// What the compilers cannot know by themselves: AssemblyScript's `i32` in the shared layout, and `.wasm` imports.

type i32 = number;
type bool = boolean;

declare module '*.wasm' {
  /** Decoded when it is called, in what is published. */
  const bytes: Uint8Array<ArrayBuffer> | (() => Uint8Array<ArrayBuffer>);
  export default bytes;
}

/** What src/transport/workerd.ts uses of workerd's own module. */
declare module 'cloudflare:sockets' {
  export interface SocketInfo {
    readonly remoteAddress?: string;
    readonly localAddress?: string;
  }

  export interface Socket {
    readonly readable: ReadableStream<Uint8Array>;
    readonly writable: WritableStream<Uint8Array>;
    readonly opened: Promise<SocketInfo>;
    readonly closed: Promise<void>;
    close(): Promise<void>;
    startTls(options?: { expectedServerHostname?: string }): Socket;
  }

  export function connect(
    address: { hostname: string; port: number },
    options?: { secureTransport?: 'on' | 'off' | 'starttls'; allowHalfOpen?: boolean },
  ): Socket;
}
