//go:build !unix

package main

import "os"

// fileTooLarge is empty: there is no such signal here.
var fileTooLarge []os.Signal
