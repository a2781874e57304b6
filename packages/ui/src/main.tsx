import './shell/tokens.css';
import './shell/base.css';
import './shell/shell.css';
import './home/home.css';
import './search/search.css';
import './builder/builder.css';
import './trace/trace.css';
import './map/map.css';
import './services/service.css';
import './metrics/metrics.css';
import './upload/upload.css';
import './sampling/sampling.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { Router } from 'wouter';
import { ApiError, basePath } from './api/http.ts';
import { loadPage } from './shell/page-loader.ts';
import { pageAddress } from './shell/page-name.ts';
import { Shell } from './shell/shell.tsx';
import { loadLanguage } from './strings/language-loader.ts';
import { preferredLocale } from './strings/preferred-locale.ts';
import { LanguageProvider } from './strings/use-strings.tsx';
import { Uploads } from './upload/upload.tsx';

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      refetchOnWindowFocus: false,
      // What the server refused it will refuse again; only a lost connection is tried once more.
      retry: (failures, error) => !(error instanceof ApiError) && failures < 1,
    },
  },
});

const address = pageAddress(location.pathname.slice(basePath.length) || '/');
// Both are on their way since before the first paint (`early.ts`). Nothing is drawn without them, or it would flash.
const [language] = await Promise.all([
  loadLanguage(preferredLocale()),
  // What cannot be had is asked for again, and said, by the frame.
  address && loadPage(address.page).catch(() => undefined),
]);

createRoot(document.getElementById('root')!).render(
  <LanguageProvider first={language}>
    <QueryClientProvider client={queryClient}>
      <Router base={basePath}>
        <Uploads>
          <Shell />
        </Uploads>
      </Router>
    </QueryClientProvider>
  </LanguageProvider>,
);
