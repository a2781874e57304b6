/** Icons as inline drawings: fonts differ in which signs they have. All are decoration beside a label. */
function Icon({ path }: { readonly path: string }) {
  return (
    <svg className="sp-svg" viewBox="0 0 16 16" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}

export function CopyIcon() {
  return <Icon path="M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z" />;
}

export function CheckIcon() {
  return <Icon path="M3 8.5l3.5 3.5L13 4.5" />;
}

export function LanguageIcon() {
  return <Icon path="M1.5 4h7M5 2.5V4M3 4c.5 2.5 2.5 4 4.5 5M7 4c-.5 2.5-2.5 4-4.5 5M8 13.5l3-7 3 7M9 11.5h4" />;
}

export function ThemeIcon({ theme }: { readonly theme: 'auto' | 'light' | 'dark' }) {
  if (theme === 'dark') return <Icon path="M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z" />;
  if (theme === 'light') {
    return (
      <Icon path="M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1" />
    );
  }
  return <Icon path="M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 2v12M8 5h4M8 8h6M8 11h4" />;
}
