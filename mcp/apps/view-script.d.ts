/** Bundled script of a view, which the build inserts (`gulpfile.js`). */
declare module 'view:board' {
  const script: string;
  export default script;
}
