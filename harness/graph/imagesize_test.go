package graph

import "testing"

func TestParseImageSize(t *testing.T) {
	for text, want := range map[string]ImageSize{"": {}, "224x192": {224, 192}, "1x1": {1, 1}, "99999x1": {99999, 1}} {
		if got, err := ParseImageSize(text); got != want || err != nil {
			t.Errorf("ParseImageSize(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"224", "0x224", "224x0", "-1x5", "224X224", "224x224x3", " 224x224", "224x224 ", "224x224\n", "+5x5", "1e3x5", "100000x1", "x", "٣x٣"} {
		got, err := ParseImageSize(text)
		if got != (ImageSize{}) || err == nil {
			t.Errorf("ParseImageSize(%q) = %v, %v, want an error", text, got, err)
		}
	}
}
