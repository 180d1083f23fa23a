// A program whose allocators are replaced around the import of the library: in front of it, and the n-th call fails or begins the
// import again; or behind it. Its last line says what came of that. It is bundled: what loads sources allocates too.

import { type Action, Calls, type Kind } from './calls';
import { campaign, describe } from './campaign';
import { Company } from './company';
import { replaceGlobals, type Watched } from './globals';
import { type Library, loadLibrary } from './library';
import { nameOf } from './pipes';
import { actionsFor } from './play';
import { callbackLarge } from './scenarios/callback-large';
import { framingPlain } from './scenarios/framing';

/** Of the plays behind an import every so many-th. */
const STRIDE = 9;

const [how = '', at = ''] = process.argv.slice(2);

/** The calls within the import, and what is wrong. */
async function before(action: Action): Promise<{ calls: number; acted: number; threw: boolean; faults: string[] }> {
  const calls = new Calls(new Map([[Number(at), () => action]]));
  const watched: Watched = { calls, kinds: new Set<Kind>(['allocation']) };
  const globals = replaceGlobals(watched);
  calls.begin();
  const loaded: Library | { error: unknown } = await loadLibrary().catch((error) => ({ error }));
  calls.end();
  watched.calls = undefined;
  const tally = { calls: calls.kinds.length, acted: calls.actedIn.length };
  try {
    if ('error' in loaded) {
      const faults = calls.isThrown(loaded.error) ? [] : [`the import threw ${nameOf(loaded.error)}`];
      return { ...tally, threw: true, faults };
    }
    const company = await Company.open(loaded, 'within');
    const faults = company.verdict();
    await company.close();
    return { ...tally, threw: false, faults };
  } finally {
    globals.restore();
  }
}

async function behind(): Promise<{ calls: number; acted: number; threw: boolean; faults: string[] }> {
  const modules = await loadLibrary();
  const plan = { load: async () => modules, most: 1, stride: STRIDE, delivers: 'within', actions: actionsFor } as const;
  const { plays, injected, findings } = await campaign([callbackLarge, framingPlain], plan);
  return { calls: plays, acted: injected, threw: false, faults: findings.map(describe) };
}

const fail = (): never => {
  throw new RangeError('Array buffer allocation failed');
};
const again = (): void => void loadLibrary();

console.log(JSON.stringify(how === 'behind' ? await behind() : await before(how === 'fail' ? fail : again)));
