package tfsession

import (
	"bytes"
	"encoding/binary"
)

// misread says why TensorFlow would decode other pixels than an image file has, or
// nothing. It does not look at palettes, masks and compression of BMP, and takes the
// first frame of a GIF for the whole picture. Of formats that are not read it knows
// JPEG XL, of which a few bytes may claim more pixels than memory holds.
func misread(file []byte) string {
	switch {
	case bytes.HasPrefix(file, []byte("BM")):
		return misreadBMP(file)
	case bytes.HasPrefix(file, []byte("GIF8")):
		return misreadGIF(file)
	case bytes.HasPrefix(file, []byte("\xff\xd8")), bytes.HasPrefix(file, []byte("\x89PNG")), isWebP(file):
		return ""
	}
	return "it is no JPEG, PNG, GIF, BMP or WebP"
}

// Where the header of a BMP has what.
const (
	bmpInfo        = 14 // the second header, which begins with its size
	bmpBits        = 28
	bmpCompression = 30
	bmpColors      = 46
	bmpMasks       = 54
	bmpInfoSize    = 40 // of the shortest header that TensorFlow reads
)

// Compressions of a BMP by which masks tell where the colours of a pixel are.
const (
	bmpBitFields      = 3
	bmpAlphaBitFields = 6
)

func misreadBMP(file []byte) string {
	if len(file) < bmpMasks {
		return "" // TensorFlow refuses it
	}
	u32 := func(at int) uint32 { return binary.LittleEndian.Uint32(file[at:]) }
	bits, compression := binary.LittleEndian.Uint16(file[bmpBits:]), u32(bmpCompression)
	switch {
	case u32(bmpInfo) < bmpInfoSize:
		return "it is a BMP with the header of OS/2"
	case compression == bmpBitFields || compression == bmpAlphaBitFields:
		if bits != 32 || len(file) < bmpMasks+12 || u32(bmpMasks) != 0xff0000 || u32(bmpMasks+4) != 0xff00 || u32(bmpMasks+8) != 0xff {
			return "it is a BMP with other colours than those of eight bits in the order blue, green, red"
		}
	case compression != 0:
		return "it is a compressed BMP"
	case bits == 8 && !isGrayRamp(file, u32(bmpInfo), u32(bmpColors)):
		return "it is a BMP with a palette"
	}
	return ""
}

// isGrayRamp reports whether the palette of a BMP makes each value itself, as a grey.
func isGrayRamp(file []byte, info, colors uint32) bool {
	const all = 256
	begin := bmpInfo + uint64(info)
	if colors != 0 && colors != all || uint64(len(file)) < begin+4*all {
		return false
	}
	for i := range all {
		c := file[begin+4*uint64(i):]
		if int(c[0]) != i || int(c[1]) != i || int(c[2]) != i {
			return false
		}
	}
	return true
}

// misreadGIF looks for the first frame, behind the table of colours and extensions.
func misreadGIF(file []byte) string {
	const screen, tables = 6, 13 // where the size of the picture and the tables are
	if len(file) < tables {
		return ""
	}
	rest := file[tables:]
	if flags := file[screen+4]; flags&0x80 != 0 {
		rest = rest[min(len(rest), 3<<(flags&7+1)):]
	}
	for len(rest) > 2 && rest[0] == '!' {
		rest = afterBlocks(rest[2:])
	}
	if len(rest) < 9 || rest[0] != ',' {
		return ""
	}
	u16 := func(b []byte) uint16 { return binary.LittleEndian.Uint16(b) }
	if u16(rest[1:])|u16(rest[3:]) != 0 || u16(rest[5:]) < u16(file[screen:]) || u16(rest[7:]) < u16(file[screen+2:]) {
		return "it is a GIF whose first frame is only a part of the picture"
	}
	return ""
}

// afterBlocks returns what follows blocks that begin with their length, up to an empty
// one.
func afterBlocks(b []byte) []byte {
	for len(b) > 0 && b[0] != 0 {
		b = b[min(len(b), 1+int(b[0])):]
	}
	return b[min(len(b), 1):]
}
