//go:build !race

package inflate

const raced = false
