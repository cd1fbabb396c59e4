/**
 * Raw signatures of assembly/row-stamps.ts. Each gives a count of rows of int64 columns (8-byte
 * aligned; flags int32), or minus a status.
 */
export interface RowStampKernels {
  /** Values outside [from, to). */
  stampsOutside(ptr: number, rowCount: number, from: bigint, to: bigint): number;
  /** Rows whose two stamps are more than `limit` apart. */
  clocksApart(aPtr: number, bPtr: number, rowCount: number, limit: bigint): number;
  /** Rows more than `limit` from the row before. */
  stepsOver(ptr: number, rowCount: number, limit: bigint): number;
  /** Rows within a message whose stamp is not that of the row behind. */
  stampsMixed(stampPtr: number, flagsPtr: number, rowCount: number): number;
  /** Rows whose id is not that of the row before + 1. */
  idsBroken(ptr: number, rowCount: number): number;
}
