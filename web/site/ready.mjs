// What stlite's worker takes for Pyodide: the one that the engine has started already.
export const loadPyodide = () => self.glassnetPyodide;
