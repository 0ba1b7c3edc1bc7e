/**
 * A mutant that no test can notice, or none should: the text that it replaces, as it stands in the file, what with (any where that is left
 * out), and why it may live. `file` may be a pattern.
 */
export type Exempt = { file: string; was: string; now?: string; why: string };

export const EXEMPT: readonly Exempt[] = [];
