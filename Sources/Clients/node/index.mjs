// What the package exports, to ES modules.
//
// The sources are CommonJS, because Node 18 cannot load an ES module with `require`. So both module
// systems run the same code, and a process that uses both has one copy of it.

export {
  Client, createClient, decodeAnswer, defaultBounds, encodeFrame, exponentialBounds, linearBounds,
  sharedClient,
} from './index.cjs';
