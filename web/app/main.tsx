import './style/main.css';
import { render } from 'preact';
import { App } from './app.js';
import { loadLanguage } from './core/i18n.js';
import { keepConnected } from './core/live.js';

const place = document.getElementById('app');

if (place) {
  void loadLanguage().then(() => {
    place.replaceChildren();
    render(<App />, place);
    keepConnected();
  });
}
