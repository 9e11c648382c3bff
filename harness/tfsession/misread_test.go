package tfsession

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"epochtime/harness/graph"
)

// bmp makes a BMP of one pixel of so many bits, with its masks or palette.
func bmp(bits uint16, compression uint32, table []byte) []byte {
	b := append([]byte("BM"), make([]byte, bmpMasks-2)...)
	b = append(b, table...)
	binary.LittleEndian.PutUint32(b[10:], uint32(len(b)))
	binary.LittleEndian.PutUint32(b[bmpInfo:], bmpInfoSize)
	binary.LittleEndian.PutUint32(b[18:], 1)
	binary.LittleEndian.PutUint32(b[22:], 1)
	binary.LittleEndian.PutUint16(b[bmpBits:], bits)
	binary.LittleEndian.PutUint32(b[bmpCompression:], compression)
	return append(b, 7, 7, 7, 7)
}

func palette(change func(i int, c []byte)) []byte {
	out := make([]byte, 4*256)
	for i := range 256 {
		copy(out[4*i:], []byte{byte(i), byte(i), byte(i)})
		change(i, out[4*i:])
	}
	return out
}

func masks(colours ...uint32) []byte {
	var out []byte
	for _, m := range colours {
		out = binary.LittleEndian.AppendUint32(out, m)
	}
	return out
}

// gifOf makes a GIF of 4×3 pixels with a first frame.
func gifOf(t *testing.T, frame image.Rectangle) []byte {
	t.Helper()
	var out bytes.Buffer
	colours := color.Palette{color.Black, color.White}
	g := &gif.GIF{
		Image: []*image.Paletted{image.NewPaletted(frame, colours), image.NewPaletted(image.Rect(0, 0, 4, 3), colours)},
		Delay: []int{1, 1}, Config: image.Config{Width: 4, Height: 3, ColorModel: colours},
	}
	if err := gif.EncodeAll(&out, g); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestMisread(t *testing.T) {
	same := func(int, []byte) {}
	short := bmp(24, 0, nil)
	binary.LittleEndian.PutUint32(short[bmpInfo:], 12)
	few := bmp(8, 0, palette(same))
	binary.LittleEndian.PutUint32(few[bmpColors:], 2)
	for name, test := range map[string]struct {
		file  []byte
		wrong bool
	}{
		"24 bits":                         {bmp(24, 0, nil), false},
		"32 bits":                         {bmp(32, 0, nil), false},
		"masks in order":                  {bmp(32, 3, masks(0xff0000, 0xff00, 0xff)), false},
		"masks in another order":          {bmp(32, 3, masks(0xff, 0xff00, 0xff0000)), true},
		"masks that are cut off":          {bmp(32, 3, nil), true},
		"masks and alpha":                 {bmp(32, 6, masks(0xff0000, 0xff00, 0xff)), false},
		"masks of 16 bits":                {bmp(16, 3, masks(0xff0000, 0xff00, 0xff)), true},
		"a grey ramp":                     {bmp(8, 0, palette(same)), false},
		"one colour in a ramp":            {bmp(8, 0, palette(func(i int, c []byte) { c[1] ^= byte(i / 255) })), true},
		"a ramp downwards":                {bmp(8, 0, palette(func(i int, c []byte) { c[0], c[1], c[2] = ^c[0], ^c[1], ^c[2] })), true},
		"few colours":                     {few, true},
		"a palette that is cut off":       {bmp(8, 0, palette(same)[:400]), true},
		"compressed":                      {bmp(8, 1, palette(same)), true},
		"the header of OS/2":              {short, true},
		"a BMP that is cut off":           {[]byte("BM123"), false},
		"a whole first frame":             {gifOf(t, image.Rect(0, 0, 4, 3)), false},
		"a first frame that is narrower":  {gifOf(t, image.Rect(0, 0, 3, 3)), true},
		"a first frame that is lower":     {gifOf(t, image.Rect(0, 0, 4, 2)), true},
		"a first frame within":            {gifOf(t, image.Rect(1, 0, 4, 3)), true},
		"a GIF that is cut off":           {[]byte("GIF89a\x04\x00\x03\x00\x80\x00\x00"), false},
		"a GIF cut off in its extensions": {gifOf(t, image.Rect(0, 0, 4, 3))[:22], false},
		"another file":                    {[]byte("\x89PNG\r\n\x1a\n"), false},
		"nothing":                         {nil, true},
	} {
		if got := misread(test.file); (got != "") != test.wrong {
			t.Errorf("%s: %q, want a reason: %v", name, got, test.wrong)
		}
	}
}

func TestDecodeRefusesWhatIsMisread(t *testing.T) {
	path := filepath.Join(t.TempDir(), "part.gif")
	if err := os.WriteFile(path, gifOf(t, image.Rect(1, 0, 4, 3)), 0o600); err != nil {
		t.Fatal(err)
	}
	d := imageDecoder(t, 3, 4, 3, graph.Uint8)
	err := d.Decode(path, make([]byte, 3*4*3))
	if want := "cannot decode the image: " + path + ": it is a GIF"; !errors.Is(err, ErrImage) || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %s …", err, want)
	}
}

func FuzzMisread(f *testing.F) {
	f.Add(bmp(8, 0, nil))
	f.Add([]byte("GIF89a\x04\x00\x03\x00\x80\x00\x00\x01\x02\x03\x04\x05\x06!\xf9\x04\x00\x00\x00\x00\x00,"))
	f.Fuzz(func(_ *testing.T, file []byte) { misread(file) })
}
