import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
// First, so that a component's own rules come after them.
import './styles/tokens.css';
import './styles/base.css';
import { App } from './app';

const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
