import {
  Button,
  Text,
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastRegion as ToastRegion,
} from 'react-aria-components';
import { useI18n } from '../i18n/i18n';
import { CloseIcon } from './icons';
import { toast_queue } from './toast_queue';
import './toasts.css';

export function Toasts() {
  const { t } = useI18n();
  return (
    <ToastRegion queue={toast_queue} className="toasts" aria-label={t('toast.region')}>
      {({ toast }) => (
        <Toast toast={toast} className={`toast toast--${toast.content.kind}`}>
          <ToastContent className="toast__content">
            <Text slot="title">{toast.content.text}</Text>
          </ToastContent>
          <Button slot="close" className="toast__close" aria-label={t('toast.dismiss')}>
            <CloseIcon />
          </Button>
        </Toast>
      )}
    </ToastRegion>
  );
}
