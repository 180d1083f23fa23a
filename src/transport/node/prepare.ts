// What becomes of a target's options when it is dialled with Node: files are read, a user's functions are put where they can
// do no harm. It opens nothing.

import { readFileSync } from 'node:fs';
import type { DialOptions, NamedFile, TransportTarget } from '../contract';
import { guardedLookup } from './lookup';

/** The same target with options that are only waited for. Throws if a file cannot be read, with the option's name. */
export function prepare(target: TransportTarget): TransportTarget {
  const { files, lookup } = target.options;
  if (files === undefined && lookup === undefined) return target;
  const options: DialOptions = { ...target.options, files: undefined };
  const usesTls = target.secure || target.proxy?.secure === true;
  for (const [name, file] of usesTls ? Object.entries(files ?? {}) : []) Object.assign(options, { [name]: read(file) });
  if (lookup !== undefined) options.lookup = guardedLookup(lookup);
  return { ...target, options };
}

function read({ path, option }: NamedFile): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`${option} cannot be read, ${(error as Error).message}`, { cause: error });
  }
}
