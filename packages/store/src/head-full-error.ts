/**
 * One of a head's fixed arrays is used up. Never leaves this room: whoever drives the head rolls the request back
 * and repeats it in a new generation.
 */
export class HeadFullError extends Error {
  /** the array, by its name in `HeadCapacity` */
  readonly what: string;

  constructor(what: string) {
    super(`the head has no room for more ${what}`);
    this.name = 'HeadFullError';
    this.what = what;
  }
}
