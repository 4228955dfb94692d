declare module 'uplot/css' {
  const address: string;
  export default address;
}

declare module '*.css';
