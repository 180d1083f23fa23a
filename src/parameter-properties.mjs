// `constructor(readonly name: string)` declares a field and assigns it: what is minified has the assignment alone, which is
// enough. An initializer cannot refer to such a field, so nothing sees the difference.

import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** @type {import('esbuild').Plugin} */
export const parameterProperties = {
  name: 'parameter-properties',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      contents: assigned(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true)),
      loader: 'ts',
    })),
};

/** @param {ts.SourceFile} file */
function assigned(file) {
  let { text } = file;
  /** @type {{ from: number, to: number, text: string }[]} */
  const edits = [];
  visit(file);
  for (const { from, to, text: by } of edits.sort((one, other) => other.from - one.from)) {
    text = text.slice(0, from) + by + text.slice(to);
  }
  return text;

  /** @param {ts.Node} node */
  function visit(node) {
    if (ts.isConstructorDeclaration(node) && node.body !== undefined) assign(node.parameters, node.body);
    ts.forEachChild(node, visit);
  }

  /**
   * @param {readonly ts.ParameterDeclaration[]} parameters
   * @param {ts.Block} body
   */
  function assign(parameters, body) {
    const fields = parameters.filter(({ modifiers }) => modifiers !== undefined);
    for (const { modifiers } of fields) {
      for (const one of /** @type {readonly ts.ModifierLike[]} */ (modifiers)) {
        edits.push({ from: one.getStart(), to: one.end, text: '' });
      }
    }
    const parent = body.statements.find((one) => one.getText().startsWith('super('));
    const place = parent?.end ?? body.getStart() + 1;
    const text = fields.map(({ name }) => `this.${name.getText()}=${name.getText()};`).join('');
    edits.push({ from: place, to: place, text });
  }
}
