// A line between two machines that are namespaces of this one's network: a pair of veth with what real lines have. It loses
// packets by nftables, which more kernels have than netem, takes its time by netem, is as slow as it is told, and goes down and up.
// It knows nothing of what is said on it.

import { spawn, spawnSync } from 'node:child_process';

/** @typedef {import('../../support/debian.mjs').Programs} Programs */
/** @typedef {'near' | 'far'} End */

/** What the lines are made with. */
export const WANTED = [
  { program: 'ip', debian: 'iproute2' },
  { program: 'tc', debian: 'iproute2' },
  { program: 'nft', debian: 'nftables' },
];

const ENDS = /** @type {const} */ (['near', 'far']);
const ADDRESSES = { near: '10.199.0.1', far: '10.199.0.2' };

/** Where the server is. */
export const FAR = ADDRESSES.far;

let made = 0;

export class Line {
  /** @param {Programs} programs */
  constructor(programs) {
    this.programs = programs;
    this.name = `wsimd-${process.pid}-${made}`;
    made += 1;
  }

  /** Makes it. @throws Error that says what this machine does not allow */
  make() {
    for (const end of ENDS) this.#run('ip', 'netns', 'add', this.#space(end));
    const [near, far] = ENDS.map((end) => this.#space(end));
    this.#run(...['ip', 'link', 'add', 'line', 'netns', near, 'type', 'veth', 'peer', 'name', 'line', 'netns', far]);
    for (const end of ENDS) {
      this.#at(end, 'ip', 'link', 'set', 'dev', 'lo', 'up');
      this.#at(end, 'ip', 'address', 'add', `${ADDRESSES[end]}/24`, 'dev', 'line');
      // A packet is what a packet is on a real line, not 64 KiB of them at once.
      this.#at(end, 'ip', 'link', 'set', 'dev', 'line', 'gso_max_segs', '1');
      this.#at(end, 'ip', 'link', 'set', 'dev', 'line', 'up');
    }
  }

  close() {
    for (const end of ENDS) this.#try('ip', 'netns', 'delete', this.#space(end));
  }

  /**
   * Both ways, from now on.
   *
   * @param {string[]} words as netem has them: `delay 200ms`
   */
  netem(...words) {
    for (const end of ENDS) this.#at(end, 'tc', 'qdisc', 'add', 'dev', 'line', 'root', 'netem', ...words);
  }

  /**
   * Packets that come are lost, at both ends, from now on.
   *
   * @param {string} which as nftables has it: `numgen random mod 100 < 5`
   */
  lose(which) {
    for (const end of ENDS) {
      const rules = `table ip line { chain input { type filter hook input priority 0; iifname "line" ${which} counter drop; }; }`;
      this.#inside(end, 'nft', rules);
    }
  }

  /** @returns {number} how many were */
  get lost() {
    return ENDS.reduce((sum, end) => {
      const words = ['netns', 'exec', this.#space(end), this.#path('nft'), 'list', 'table', 'ip', 'line'];
      const { stdout } = spawnSync(this.#path('ip'), words, { env: this.programs.environment, encoding: 'utf8' });
      return sum + Number(/counter packets (\d+)/.exec(stdout)?.[1] ?? 0);
    }, 0);
  }

  /**
   * Both ways, from now on.
   *
   * @param {number} kibibytes a second
   */
  slow(kibibytes) {
    const words = ['rate', `${kibibytes * 8}kibit`, 'burst', '4kb', 'limit', '24kb'];
    for (const end of ENDS) this.#at(end, 'tc', 'qdisc', 'add', 'dev', 'line', 'root', 'tbf', ...words);
  }

  /** The cable is pulled: nobody is told, and packets go nowhere. */
  down() {
    this.#at('far', 'ip', 'link', 'set', 'dev', 'line', 'down');
  }

  up() {
    this.#at('far', 'ip', 'link', 'set', 'dev', 'line', 'up');
  }

  /**
   * Starts a program of Node.js at one end, with a channel to it.
   *
   * @param {End} end
   * @param {string} program
   * @param {string[]} words
   */
  node(end, program, ...words) {
    const parameters = ['netns', 'exec', this.#space(end), process.execPath, program, ...words];
    const stdio = /** @type {const} */ (['ignore', 'inherit', 'inherit', 'ipc']);
    return spawn(this.#path('ip'), parameters, { stdio: [...stdio] });
  }

  /** @param {End} end */
  #space(end) {
    return `${this.name}-${end}`;
  }

  /** @param {string} program */
  #path(program) {
    const path = this.programs.paths.get(program);
    if (path === undefined) throw new Error(`there is no program ${program}`);
    return path;
  }

  /** ip and tc go into a namespace by themselves. @param {End} end @param {string} program @param {string[]} words */
  #at(end, program, ...words) {
    this.#run(program, '-netns', this.#space(end), ...words);
  }

  /** @param {End} end @param {string} program @param {string[]} words */
  #inside(end, program, ...words) {
    this.#run('ip', 'netns', 'exec', this.#space(end), this.#path(program), ...words);
  }

  /** @param {string} program @param {(string | undefined)[]} words */
  #run(program, ...words) {
    const error = this.#try(program, ...words);
    if (error !== undefined) throw new Error(`${program} ${words.join(' ')}: ${error}`);
  }

  /** @param {string} program @param {(string | undefined)[]} words @returns {string | undefined} what went wrong */
  #try(program, ...words) {
    const { environment: env } = this.programs;
    const parameters = words.filter((word) => word !== undefined);
    const { status, stderr, error } = spawnSync(this.#path(program), parameters, { env, encoding: 'utf8' });
    return status === 0 ? undefined : (error?.message ?? stderr.trim());
  }
}
