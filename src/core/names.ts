/** A name as it begins inside others and as types are called: `customerTag` becomes `CustomerTag`. */
export const capitalized = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1);

/** The name of a type as fields are called: `CustomerTag` becomes `customerTag`. */
export const uncapitalized = (name: string): string => name.slice(0, 1).toLowerCase() + name.slice(1);
