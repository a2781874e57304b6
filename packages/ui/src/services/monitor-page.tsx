import { useSearch } from 'wouter';
import { ServicesPage } from '../home/services-page.tsx';
import { ServicePage } from './service-page.tsx';

/** Jaeger's `/monitor?service=`. */
export function MonitorPage() {
  const service = new URLSearchParams(useSearch()).get('service') ?? '';
  return service === '' ? <ServicesPage /> : <ServicePage name={service} />;
}
