// The few icons there are, drawn on 16 x 16; decoration only, the name stands beside or in aria-label.
import type { ReactNode } from 'react';

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

export const CloseIcon = () => <Icon><path d="M4 4l8 8M12 4l-8 8" /></Icon>;
export const CheckIcon = () => <Icon><path d="M3 8.5l3.5 3.5L13 5" /></Icon>;
export const ChevronIcon = () => <Icon><path d="M4 6l4 4 4-4" /></Icon>;
export const PauseIcon = () => <Icon><path d="M5.5 3.5v9M10.5 3.5v9" /></Icon>;
export const PlayIcon = () => <Icon><path d="M5 3.2v9.6L12.5 8z" /></Icon>;
export const RefreshIcon = () => <Icon><path d="M13 8a5 5 0 1 1-1.5-3.6M13 2.5V5h-2.5" /></Icon>;
export const WarningIcon = () => <Icon><path d="M8 2.5l6 10.5H2zM8 6.5v3M8 11.4v.1" /></Icon>;
export const UserIcon = () => <Icon><circle cx="8" cy="5.5" r="2.5" /><path d="M3 13.5c.6-2.6 2.5-4 5-4s4.4 1.4 5 4" /></Icon>;
export const ChartIcon = () => <Icon><path d="M2.5 13.5h11M3 10l3.2-3.5 2.6 2.3L13 4" /></Icon>;
export const TableIcon = () => <Icon><rect x="2.5" y="3" width="11" height="10" rx="1" /><path d="M2.5 6.5h11M2.5 9.8h11M6.5 6.5V13" /></Icon>;
export const UpIcon = () => <Icon><path d="M8 12.5v-9M4.5 7L8 3.5 11.5 7" /></Icon>;
export const DownIcon = () => <Icon><path d="M8 3.5v9M4.5 9L8 12.5 11.5 9" /></Icon>;
export const EyeIcon = () => <Icon><path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8z" /><circle cx="8" cy="8" r="2" /></Icon>;
export const EyeOffIcon = () => <Icon><path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM3 13L13 3" /></Icon>;
export const MoreIcon = () => <Icon><path d="M8 3.2v.1M8 8v.1M8 12.8v.1" strokeWidth="2.4" /></Icon>;
export const PlusIcon = () => <Icon><path d="M8 3v10M3 8h10" /></Icon>;
export const DownloadIcon = () => <Icon><path d="M8 2.5v7.5M4.8 7L8 10.2 11.2 7M3 13h10" /></Icon>;
export const SearchIcon = () => <Icon><circle cx="7" cy="7" r="4" /><path d="M10 10l3.5 3.5" /></Icon>;
export const BackIcon = () => <Icon><path d="M9.5 3.5L5 8l4.5 4.5" /></Icon>;
