/** Kinds of failure as Prometheus' API names them, with the status it sends for each. */
export const promErrorStatus = Object.freeze({
  bad_data: 400,
  execution: 422,
  canceled: 503,
  timeout: 503,
  unavailable: 503,
  internal: 500,
  not_found: 404,
});
export type PromErrorType = keyof typeof promErrorStatus;

/** A question that is answered with Prometheus' error JSON. */
export class PromError extends Error {
  readonly type: PromErrorType;
  constructor(type: PromErrorType, message: string) {
    super(message);
    this.name = 'PromError';
    this.type = type;
  }
}
