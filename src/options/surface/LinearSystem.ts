/** Dense linear equations, a few hundred at most. */

/**
 * Solves A·x = b by Gaussian elimination with partial pivoting (Golub and Van
 * Loan, "Matrix Computations", algorithm 3.4.1), in place: `matrix` is row by
 * row and is overwritten, `right` becomes x. False where A is singular.
 */
export const solveLinear = (matrix: Float64Array, right: Float64Array): boolean => {
  const n = right.length
  for (let column = 0; column < n; column++) {
    let pivot = column
    let largest = Math.abs(matrix[column * n + column] ?? 0)
    for (let row = column + 1; row < n; row++) {
      const size = Math.abs(matrix[row * n + column] ?? 0)
      if (size > largest) {
        largest = size
        pivot = row
      }
    }
    if (!(largest > 0 && largest < Infinity)) return false
    if (pivot !== column) {
      for (let j = column; j < n; j++) {
        const kept = matrix[column * n + j] ?? 0
        matrix[column * n + j] = matrix[pivot * n + j] ?? 0
        matrix[pivot * n + j] = kept
      }
      const kept = right[column] ?? 0
      right[column] = right[pivot] ?? 0
      right[pivot] = kept
    }
    const diagonal = matrix[column * n + column] ?? 1
    const pivotRow = matrix.subarray(column * n, (column + 1) * n)
    for (let row = column + 1; row < n; row++) {
      const below = matrix.subarray(row * n, (row + 1) * n)
      const factor = (below[column] ?? 0) / diagonal
      if (factor === 0) continue
      for (let j = column + 1; j < n; j++) below[j] = (below[j] ?? 0) - factor * (pivotRow[j] ?? 0)
      right[row] = (right[row] ?? 0) - factor * (right[column] ?? 0)
    }
  }
  for (let row = n - 1; row >= 0; row--) {
    let sum = right[row] ?? 0
    for (let j = row + 1; j < n; j++) sum -= (matrix[row * n + j] ?? 0) * (right[j] ?? 0)
    right[row] = sum / (matrix[row * n + row] ?? 1)
  }
  return right.every((value) => Number.isFinite(value))
}
