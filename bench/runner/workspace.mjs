// The files that the processes of a run share, in a temporary directory: the source's certificate, the authority that clients
// trust, and a row's payloads for clients that cannot import payloads.mjs. This file owns them and the environment variables
// that name them, and must not know who reads them.

/** @import { Row } from '../rows.mjs' */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCA, createCert } from 'mkcert';
import { payloadBytes } from '../wire/payloads.mjs';

/** @typedef {Record<string, string>} Environment */

const VALIDITY_DAYS = 7;

export class Workspace {
  #directory = mkdtempSync(join(tmpdir(), 'wsimd-bench-'));
  /** @type {Promise<{ source: Environment, client: Environment }> | undefined} */
  #certificate;

  constructor() {
    process.once('exit', () => rmSync(this.#directory, { recursive: true }));
  }

  /**
   * @param {Row} row
   * @returns {Promise<{ source: Environment, client: Environment }>}
   */
  async environments(row) {
    const payloads = this.#write('payloads', Buffer.concat(payloadBytes(row)));
    const { source, client } = row.secure ? await this.#certified() : { source: {}, client: {} };
    return { source, client: { ...client, BENCH_PAYLOADS: payloads } };
  }

  #certified() {
    this.#certificate ??= this.#certify();
    return this.#certificate;
  }

  async #certify() {
    const ca = await createCA({
      organization: 'wsimd benchmark',
      countryCode: 'NL',
      state: 'Test',
      locality: 'Test',
      validity: VALIDITY_DAYS,
    });
    const { cert, key } = await createCert({ ca, domains: ['127.0.0.1', 'localhost'], validity: VALIDITY_DAYS });
    const authority = this.#write('authority.pem', ca.cert);
    return {
      source: { BENCH_CERTIFICATE: this.#write('certificate.pem', cert), BENCH_KEY: this.#write('key.pem', key) },
      // Node and Bun read the first, Deno the second.
      client: { NODE_EXTRA_CA_CERTS: authority, DENO_CERT: authority },
    };
  }

  /**
   * @param {string} name
   * @param {string | Uint8Array} content
   * @returns {string} the path
   */
  #write(name, content) {
    const path = join(this.#directory, name);
    writeFileSync(path, content);
    return path;
  }
}
