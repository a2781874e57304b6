import { Component, type ReactNode } from 'react';

interface Props {
  readonly children: ReactNode;
  /** another page is another chance */
  readonly resetKey: string;
  readonly onError: (error: unknown) => ReactNode;
}

/** Shows what failed in place of a page that does, and leaves the frame. React has no function for it. */
export class ErrorBoundary extends Component<Props, { readonly error: unknown; readonly key: string }> {
  override state = { error: undefined as unknown, key: this.props.resetKey };

  static getDerivedStateFromError(error: unknown): { readonly error: unknown } {
    return { error };
  }

  static getDerivedStateFromProps({ resetKey }: Props, { key }: { key: string }) {
    return key === resetKey ? null : { error: undefined, key: resetKey };
  }

  override render(): ReactNode {
    return this.state.error === undefined ? this.props.children : this.props.onError(this.state.error);
  }
}
