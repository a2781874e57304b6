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
import { Shell } from './shell/shell.tsx';
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

createRoot(document.getElementById('root')!).render(
  <LanguageProvider>
    <QueryClientProvider client={queryClient}>
      <Router base={basePath}>
        <Uploads>
          <Shell />
        </Uploads>
      </Router>
    </QueryClientProvider>
  </LanguageProvider>,
);
