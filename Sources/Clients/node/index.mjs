// What the package exports, to ES modules. Both module systems run the same code, in the same copy.

export {
  Client, createClient, decodeAnswer, defaultBounds, encodeFrame, exponentialBounds, linearBounds,
  sharedClient,
} from './index.cjs';
