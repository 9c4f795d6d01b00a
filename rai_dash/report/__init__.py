"""What leaves the app: an audit as JSON, tables as files, numbers of few people hidden."""
