import segmentation_models_of_nobody as sm

model = sm.Unet()
