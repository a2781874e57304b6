/** Where the store says what happened; rare events only, nothing per request. Fields are for machines to find. */
export interface StoreLogger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export const silentLogger: StoreLogger = Object.freeze({ info() {}, warn() {}, error() {} });
