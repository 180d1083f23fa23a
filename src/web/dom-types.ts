// What lib.dom has names for, and a program for Node.js need not have: the public declarations of this face use these.

export type BufferSource = ArrayBufferView<ArrayBuffer> | ArrayBuffer;

export type EventListenerOrObject = ((event: Event) => void) | { handleEvent(event: Event): void };

export interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}
