// The names that the server has for kinds and states of files.

export const KIND_NAMES = ['pdf', 'document', 'sheet', 'slides', 'book', 'page', 'markdown', 'text', 'table', 'picture', 'archive', 'sound', 'film', 'program', 'other'] as const;
export type KindName = (typeof KIND_NAMES)[number];

export const STATE_NAMES = ['waiting', 'analysing', 'analysed', 'failed', 'stored'] as const;
