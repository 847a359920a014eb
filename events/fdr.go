package events

// decodeFDR takes CrowdStrike's notification of one batch of files, which may
// be hundreds. Paths are keys as they are. A checksum is of the file and not
// S3's eTag, so it is left alone.
// https://github.com/CrowdStrike/FDR
func decodeFDR(top envelope) (Notification, error) {
	files, err := top.list("files")
	if err != nil {
		return Notification{}, err
	}
	if len(files) == 0 {
		return ignored(FDR, "no files"), nil
	}
	n := Notification{Form: FDR}
	bucket := top.text("bucket")
	written, _ := read[stamp](top["timestamp"]) // zero if there is none
	for _, raw := range files {
		file, err := read[struct {
			Path string `json:"path"`
			Size *size  `json:"size"`
		}](raw)
		n.Objects = append(n.Objects, settled(Object{
			Bucket:    bucket,
			Key:       file.Path,
			Size:      file.Size.bytes(),
			EventTime: written.Time,
		}, err))
	}
	return n, nil
}
