// Checks of the website's own sources; `npm run check` runs them with the type check.
import jsxA11y from 'eslint-plugin-jsx-a11y';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'third_party/', 'node_modules/', 'client/dist/', 'client/src/schema.ts', 'tools/', 'browser/', 'eslint.config.js'] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  jsxA11y.flatConfigs.strict,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Short arrows that only call something read best without braces.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // A scrolling region has to be reachable by keyboard.
      'jsx-a11y/no-noninteractive-tabindex': 'off',
      // Keys are handled on the element around the buttons that have the focus.
      'jsx-a11y/no-static-element-interactions': 'off',
      'jsx-a11y/no-noninteractive-element-interactions': 'off',
    },
  },
);
