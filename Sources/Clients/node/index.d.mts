// The types of the client for ES modules: those of index.d.cts.

export * from './index.cjs';
