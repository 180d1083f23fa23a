// Names of properties that no program outside of the library can see: what is minified has short ones in their place, which takes
// a twentieth from a program for the edge. Such a name is a member of a class of ours, or of a table of constants, and it is nowhere
// a member of anything else: not of what an entry exports, not of what the language or a runtime brings along, and no string.

import { join } from 'node:path';
import ts from 'typescript';

/**
 * @param {string} root
 * @param {readonly string[]} entries files whose exports are public
 * @returns {string[]}
 */
export function internalNames(root, entries) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(
    [...entries, 'src/ambient.d.ts'].map((path) => join(root, path)),
    { ...options, noEmit: true },
  );
  const checker = program.getTypeChecker();
  const ownFiles = new Set(
    program
      .getSourceFiles()
      .filter(({ fileName, isDeclarationFile }) => !isDeclarationFile && fileName.startsWith(join(root, 'src/'))),
  );

  /** @type {Set<string>} */
  const ofOurs = new Set();
  /** @type {Set<string>} */
  const ofOthers = new Set(['constructor']);
  /** @type {Set<ts.Type>} */
  const shapes = new Set();
  for (const file of ownFiles) visit(file);
  for (const entry of entries) addPublic(entry);
  return [...ofOurs].filter((name) => !ofOthers.has(name));

  /** @param {ts.Node} node */
  function visit(node) {
    const isMember =
      ts.isClassElement(node) || (ts.isParameter(node) && ts.isParameterPropertyDeclaration(node, node.parent));
    if (isMember && node.name !== undefined && ts.isIdentifier(node.name)) ofOurs.add(node.name.text);
    else if (isConstant(node)) ofOurs.add(node.name.text);
    // `'name' in object`, `object['name']`, a list of keys.
    else if (ts.isStringLiteralLike(node)) ofOthers.add(node.text);
    else if (ts.isPropertyAccessExpression(node)) addOwner(node.name.text, checker.getSymbolAtLocation(node.name));
    else if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
      const name = node.propertyName ?? node.name;
      addOwner(name.getText(), checker.getTypeAtLocation(node.parent).getProperty(name.getText()));
    } else if (ts.isObjectLiteralElement(node) && node.name !== undefined) {
      const type = checker.getContextualType(node.parent);
      // Without a type that it has to fit it is of a type of its own.
      const owner = type === undefined ? checker.getSymbolAtLocation(node.name) : type.getProperty(node.name.getText());
      addOwner(node.name.getText(), owner);
    }
    // What a runtime has and does not document is described by a type of ours.
    else if (ts.isAsExpression(node) && !ts.isConstTypeReference(node.type))
      addShape(checker.getTypeAtLocation(node.type));
    if (ts.isCallExpression(node))
      for (const type of node.typeArguments ?? []) addShape(checker.getTypeAtLocation(type));
    if (ts.isTypePredicateNode(node) && node.type !== undefined) addShape(checker.getTypeAtLocation(node.type));
    if (ts.isExpression(node) && !ts.isObjectLiteralExpression(node)) addPassed(node);
    // What it overrides, or is for.
    if (ts.isExpressionWithTypeArguments(node) && ts.isHeritageClause(node.parent)) {
      for (const property of checker.getTypeAtLocation(node).getProperties()) addOwner(property.name, property);
    }
    ts.forEachChild(node, visit);
  }

  /**
   * @param {ts.Node} node
   * @returns {node is ts.PropertyAssignment & { name: ts.Identifier }} of `const … = { … } as const`
   */
  function isConstant(node) {
    if (!ts.isPropertyAssignment(node) || !ts.isIdentifier(node.name)) return false;
    const { parent: table } = node.parent;
    if (!ts.isAsExpression(table) || !ts.isConstTypeReference(table.type)) return false;
    return ts.isVariableDeclaration(ts.isSatisfiesExpression(table.parent) ? table.parent.parent : table.parent);
  }

  /** @param {ts.Type} type */
  function addShape(type) {
    if (shapes.has(type)) return;
    shapes.add(type);
    if (type.isUnionOrIntersection()) for (const part of type.types) addShape(part);
    for (const argument of checker.getTypeArguments(/** @type {ts.TypeReference} */ (type))) addShape(argument);
    if (type.getSymbol()?.declarations?.some((one) => ts.isClassLike(one) || !isOurs(one))) return;
    for (const property of type.getProperties()) {
      ofOthers.add(property.name);
      addShape(checker.getTypeOfSymbol(property));
    }
  }

  /** @param {ts.Expression} node a thing of others, perhaps, that is given where one of ours would do */
  function addPassed(node) {
    const given = checker.getTypeAtLocation(node);
    const wanted = checker.getContextualType(node);
    if (wanted === undefined || wanted === given) return;
    for (const { name } of wanted.getProperties()) {
      const property = given.getProperty(name);
      if (property !== undefined) addOwner(name, property);
    }
  }

  /**
   * @param {string} name
   * @param {ts.Symbol | undefined} symbol
   */
  function addOwner(name, symbol) {
    if (symbol?.declarations?.every(isOurs) !== true) ofOthers.add(name);
  }

  /** @param {ts.Node} declaration */
  function isOurs(declaration) {
    return ownFiles.has(declaration.getSourceFile());
  }

  /** @param {string} entry */
  function addPublic(entry) {
    const file = /** @type {ts.SourceFile} */ (program.getSourceFile(join(root, entry)));
    const seen = new Set();
    for (const one of checker.getExportsOfModule(/** @type {ts.Symbol} */ (checker.getSymbolAtLocation(file))))
      add(one);

    /** @param {ts.Symbol | undefined} symbol */
    function add(symbol) {
      if (symbol === undefined) return;
      const one = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      if (seen.has(one)) return;
      seen.add(one);
      for (const declaration of one.declarations ?? []) if (isOurs(declaration)) walk(declaration);
    }

    /** @param {ts.Node} node */
    function walk(node) {
      if (ts.getCombinedModifierFlags(/** @type {ts.Declaration} */ (node)) & ts.ModifierFlags.Private) return;
      const isNamed = ts.isTypeElement(node) || ts.isClassElement(node) || ts.isObjectLiteralElement(node);
      if (isNamed || ts.isParameter(node)) {
        const { name } = node;
        if (name !== undefined && ts.isPrivateIdentifier(name)) return;
        if (isNamed && name !== undefined) ofOthers.add(name.getText());
      }
      if (ts.isBlock(node)) return;
      if (ts.isIdentifier(node)) add(checker.getSymbolAtLocation(node));
      // Whose type nobody wrote down.
      if ((ts.isVariableDeclaration(node) || ts.isClassElement(node)) && !('type' in node && node.type)) {
        const type = checker.getTypeAtLocation(node);
        for (const signature of type.getCallSignatures()) add(signature.getReturnType().getSymbol());
        add(type.getSymbol());
        add(type.aliasSymbol);
      }
      ts.forEachChild(node, walk);
    }
  }
}
