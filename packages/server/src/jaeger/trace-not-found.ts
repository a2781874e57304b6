/** There is no such trace: 404, in Jaeger's words. */
export class TraceNotFound extends Error {
  constructor() {
    super('trace not found');
    this.name = 'TraceNotFound';
  }
}
