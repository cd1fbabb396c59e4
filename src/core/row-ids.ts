/** Raw signature of assembly/row-ids.ts. */
export interface RowIdKernels {
  /** Rows of an int64 column, 8-byte aligned, whose id is not that of the row before + 1. */
  idsBroken(ptr: number, rowCount: number): number;
}
