/** Limits of TraceQL's text and tree, each with its reason and what happens past it. */
export const queryLimits = Object.freeze({
  /** UTF-16 units of a query's text. Nobody writes as much; programs that do should ask twice. Past it: `QUERY_LIMIT`. */
  textUnitsMax: 1024 * 1024,
  /**
   * Height of a query's tree, brackets included. It bounds the recursion of whatever walks the tree. A chain of one
   * of `&&` and `||` counts as one level, since programs write long ones and walkers loop over them.
   * Past it: `QUERY_LIMIT`.
   */
  treeDepthMax: 256,
  /** Digits of one number, more than any that fits. Past it: out of range. */
  numberDigitsMax: 400,
  /** Attributes in the `by` of a metrics function, as in the reference. Past it: `QUERY_INVALID`. */
  metricsGroupsMax: 5,
  /** `compare`'s values per attribute, as in the reference. Past it: `QUERY_INVALID`. */
  compareTopMax: 1000,
  /** The same where the query does not say. */
  compareTopDefault: 10,
});
