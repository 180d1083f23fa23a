// How often what happened, over all lives: a soak in which nothing happens must not pass. It knows names and numbers only.

import Table from 'cli-table3';

export class Tally {
  private readonly counts = new Map<string, number>();

  add(name: string, count = 1): void {
    this.counts.set(name, this.of(name) + count);
  }

  of(name: string): number {
    return this.counts.get(name) ?? 0;
  }

  /** Those of these names that never happened. */
  missing(names: readonly string[]): string[] {
    return names.filter((name) => this.of(name) === 0);
  }

  toString(): string {
    const head = ['what', 'how often'];
    const table = new Table({ head, colAligns: ['left', 'right'], style: { head: [], border: [], compact: true } });
    const rows = [...this.counts].sort(([one], [other]) => one.localeCompare(other));
    for (const [name, count] of rows) table.push([name, Math.round(count).toLocaleString('en')]);
    return table.toString();
  }
}
