import type { session as english } from '../en/session';
import type { Translation } from '../messages';

export const session: Translation<typeof english> = {
  'signin.title': 'Anmelden',
  'signin.lead': 'Ihre Unternehmen, live.',
  'signin.email': 'E-Mail',
  'signin.password': 'Passwort',
  'signin.show': 'Passwort anzeigen',
  'signin.submit': 'Anmelden',
  'signin.submitting': 'Anmeldung läuft…',
  'signin.demo': 'Bei der Demo anmelden',
  'signin.email_missing': 'Geben Sie Ihre E-Mail-Adresse ein',
  'signin.email_wrong': 'Geben Sie eine Adresse wie name@example.org ein',
  'signin.password_missing': 'Geben Sie Ihr Passwort ein',
  'signin.wrong': 'E-Mail oder Passwort stimmt nicht.',
  'signin.limited': {
    one: 'Zu viele Versuche. In {count} Sekunde geht es wieder.',
    other: 'Zu viele Versuche. In {count} Sekunden geht es wieder.',
  },
  'signin.limited_over': 'Sie können es jetzt wieder versuchen.',
  'signin.unavailable': 'Der Server kann Passwörter gerade nicht prüfen. Versuchen Sie es gleich noch einmal.',
  'signin.offline': 'Der Server ist nicht erreichbar. Prüfen Sie Ihre Verbindung.',
  'signin.failed': 'Das hat nicht geklappt. Versuchen Sie es noch einmal.',
  'signin.expired': 'Ihre Sitzung ist abgelaufen. Melden Sie sich wieder an.',
  'signin.signed_out': 'Sie sind abgemeldet.',
  'session.checking': 'Wird geladen…',
  'session.unreachable': 'Der Server ist nicht erreichbar',
  'session.unreachable_text': 'Wir versuchen es von selbst wieder, oder versuchen Sie es jetzt.',
  'session.forbidden': 'Dieses Konto hat kein Dashboard',
  'session.forbidden_text': 'Sie sind als {email} angemeldet. Nur Mieter haben hier Unternehmen. Melden Sie sich mit dem Konto eines Mieters an.',
};
