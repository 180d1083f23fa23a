// `npm run docs` reads this: the reference has the names that programs import, in categories by the room of src/ that they come
// from, and names no class that programs cannot import.

import { Comment, CommentTag, Converter, ReferenceType, ReflectionKind } from 'typedoc';

/** By entry, the name that programs import. */
const ENTRIES = { index: 'wsimd', web: 'wsimd/web', framing: 'wsimd/framing' };

/** By file or folder in src/, the first that fits. */
const CATEGORIES = {
  'callback/': 'The callback API',
  'ws/': 'The drop-in for ws',
  'web/': 'WebSocket and WebSocketStream',
  'framing/': 'The codec',
  'transport/proxy/': 'Errors',
  'transport/': 'Transports',
  'base/fault': 'Errors',
  'handshake/reader.ts': 'Errors',
  'handshake/response-parser.ts': 'Errors',
  'handshake/': 'Options',
  'options/': 'Options',
  'deflate/': 'Options',
  'base/bytes.ts': 'Options',
};

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    for (const entry of context.project.children ?? []) {
      entry.name = ENTRIES[entry.name] ?? entry.name;
      for (const reflection of entry.children ?? []) categorize(reflection, context);
    }
  });
  // Behind what finds out who inherits from whom.
  app.converter.on(Converter.EVENT_RESOLVE_END, hideInternal, -10_000);
}

/**
 * @param {import('typedoc').DeclarationReflection} reflection
 * @param {import('typedoc').Context} context
 */
function categorize(reflection, context) {
  const target = reflection.isReference() ? reflection.getTargetReflection() : reflection;
  const path = context.getSymbolFromReflection(target)?.declarations?.[0]?.getSourceFile().fileName ?? '';
  const place = path.slice(path.lastIndexOf('/src/') + '/src/'.length);
  const [, category] = Object.entries(CATEGORIES).find(([prefix]) => place.startsWith(prefix)) ?? [];
  if (category === undefined) throw new Error(`${reflection.name} of ${path} has no category.`);
  // A function's comment is that of its signatures.
  for (const owner of reflection.signatures ?? [reflection]) {
    owner.comment ??= new Comment();
    owner.comment.blockTags.push(new CommentTag('@category', [{ kind: 'text', text: category }]));
  }
}

/** @param {import('typedoc').Context} context */
function hideInternal({ project }) {
  /** @type {Set<string>} */
  const hidden = new Set();
  /** What is linked nowhere, and nobody else's: a class of ours that no entry exports. */
  const isShown = (type) => {
    const isOurs = type instanceof ReferenceType && type.package === project.packageName;
    if (!isOurs || type.reflection !== undefined) return true;
    hidden.add(type.name);
    return false;
  };
  const all = project.getReflectionsByKind(ReflectionKind.All);
  for (const reflection of all) {
    for (const list of ['extendedTypes', 'implementedTypes']) {
      const shown = reflection[list]?.filter(isShown);
      if (shown !== undefined) reflection[list] = shown.length > 0 ? shown : undefined;
    }
    for (let step = reflection.typeHierarchy, before; step !== undefined; step = step.next) {
      step.types = step.types.filter(isShown);
      if (step.types.length > 0) before = step;
      else if (before === undefined) reflection.typeHierarchy = step.next;
      else before.next = step.next;
    }
  }
  // Such as `Listening.emit`, which Node's own declarations may have.
  for (const reflection of all) {
    for (const origin of ['inheritedFrom', 'implementationOf', 'overwrites']) {
      const [owner] = reflection[origin]?.name.split('.') ?? [];
      if (hidden.has(owner)) reflection[origin] = undefined;
    }
  }
}
