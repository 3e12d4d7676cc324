/** The bundled script of a view; the build puts it in (`gulpfile.js`). */
declare module 'view:board' {
  const script: string;
  export default script;
}
