// Package images builds the program of an image twice, from two folders that have nothing but the source in common, with the
// settings of .ko.yaml, and compares the files.
package images
