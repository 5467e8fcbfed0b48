"""Evidence → raw figures of the criteria, one function a criterion, a file a group."""
