// Questions with answers, over one connection: each has a number, a time-out, and an error where the connection is lost first.
//
//   node requests.mjs ws://127.0.0.1:1234

import { connect } from 'wsimd';

const [url] = process.argv.slice(2);

class Requests {
  #connection;
  #count = 0;
  #waiting = new Map();

  constructor(connection) {
    this.#connection = connection;
    // Or a question that was rejected here, and is asked again, would leave twice with the next connection.
    connection.sendQueue = false;
    connection.on('message', (_, data, isBinary) => {
      if (isBinary) return;
      const { id, result } = JSON.parse(data);
      this.#settle(id)?.resolve(result);
    });
    // Whoever asks may ask again: only the program knows whether to do it twice does harm.
    connection.on('close', (_, { code }) => {
      for (const id of [...this.#waiting.keys()])
        this.#settle(id).reject(new Error(`The connection is gone: ${code}.`));
    });
  }

  /** Resolves with the answer. Rejects if there is none in so many seconds, or the connection is gone first. */
  ask(question, seconds = 10) {
    const id = ++this.#count;
    return new Promise((resolve, reject) => {
      const late = () => this.#settle(id).reject(new Error(`No answer to ${question} in ${seconds} seconds.`));
      this.#waiting.set(id, { resolve, reject, timer: setTimeout(late, seconds * 1000) });
      this.#connection.sendAsync(JSON.stringify({ id, question })).catch((error) => this.#settle(id)?.reject(error));
    });
  }

  #settle(id) {
    const request = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(request?.timer);
    return request;
  }
}

const connection = await connect(url);
const requests = new Requests(connection);
console.log(await Promise.all([requests.ask('one'), requests.ask('two')]));
await requests.ask('nothing', 0.1).catch(({ message }) => console.log(message));
await requests.ask('goodbye').catch(({ message }) => console.log(message));
