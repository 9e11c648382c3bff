// Package numpy knows the files of NumPy: the .npy stream of an array, and the .npz
// archive of several.
package numpy

import "bytes"

// magic is how an .npy stream begins.
var magic = []byte("\x93NUMPY")

// Begins reports whether a file that begins so is an .npy stream.
func Begins(head []byte) bool { return bytes.HasPrefix(head, magic) }
