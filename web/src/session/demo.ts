// `pulseboard demo` puts its tenant's address and password into the page it serves.
export interface Credentials {
  email: string;
  password: string;
}

export function demo_credentials(page: Document = document): Credentials | null {
  const content = (name: string) => page.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content;
  const email = content('pulseboard-demo-email');
  const password = content('pulseboard-demo-password');
  return email && password ? { email, password } : null;
}
