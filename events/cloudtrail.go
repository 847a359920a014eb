package events

// cloudTrailValidation is what CloudTrail publishes, bare, when a trail gets
// its topic.
const cloudTrailValidation = "CloudTrail validation message."

// decodeCloudTrail reads what a trail publishes on its own topic: a bucket,
// and the keys of one delivery, not escaped. AWS Config publishes the same with
// one key that is in no list.
// https://docs.aws.amazon.com/config/latest/developerguide/example-config-snapshot-notification.html
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/configure-sns-notifications-for-cloudtrail.html
func decodeCloudTrail(top envelope) (Notification, error) {
	if top.text("s3ObjectKey") != "" && top.has("messageType") {
		return Notification{Form: Config, Objects: []Object{settled(Object{
			Bucket: top.text("s3Bucket"), Key: top.text("s3ObjectKey"), Size: -1,
		}, nil)}}, nil
	}
	keys, err := top.list("s3ObjectKey")
	if err != nil {
		return Notification{}, err
	}
	if len(keys) == 0 {
		return ignored(CloudTrail, "no keys"), nil
	}
	n := Notification{Form: CloudTrail}
	bucket := top.text("s3Bucket")
	for _, raw := range keys {
		key, err := read[string](raw)
		n.Objects = append(n.Objects, settled(Object{Bucket: bucket, Key: key, Size: -1}, err))
	}
	return n, nil
}
