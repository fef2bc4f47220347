import { Kind, type DocumentNode, type FragmentDefinitionNode } from 'graphql';

const known = new WeakMap<DocumentNode, ReadonlyMap<string, FragmentDefinitionNode>>();

/** The fragments of a document, by their names. */
export function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  let found = known.get(document);
  if (!found) {
    const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
    known.set(document, (found = new Map(fragments.map((node) => [node.name.value, node]))));
  }
  return found;
}
